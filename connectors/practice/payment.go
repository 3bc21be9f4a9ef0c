package practice

// payment adds payment days, payment schedules, terms and methods of payment.
func (g *generator) payment(c company) {
	g.paymentDays(c)
	g.paymentSchedules(c)
	g.termsOfPayment(c)
	g.paymentMethods(c)
}

func (g *generator) paymentDays(c company) {
	for _, day := range []struct {
		name, description string
		presence          presence
		lines             []values
	}{
		{"MONDAY", "Every Monday", onBoth, []values{{"FREQUENCY": "week", "DAYOFWEEK": "monday"}}},
		{"MIDMONTH", "Middle and end of the month", onBoth, []values{
			{"FREQUENCY": "month", "DAYOFWEEK": "none", "DAYOFMONTH": 15}, {"FREQUENCY": "month", "DAYOFWEEK": "none", "DAYOFMONTH": 31}}},
		{"TWICEWEEK", "Tuesdays and Fridays", onBoth, []values{
			{"FREQUENCY": "week", "DAYOFWEEK": "tuesday"}, {"FREQUENCY": "week", "DAYOFWEEK": "friday"}}},
		{"TENTH", "Tenth of the month", onlyIn(c, onLeft), []values{{"FREQUENCY": "month", "DAYOFWEEK": "none", "DAYOFMONTH": 10}}},
	} {
		g.fixed(paymentDays, c.code, day.presence, values{"NAME": day.name, "DESCRIPTION": day.description})
		for i, line := range day.lines {
			line["NAME"], line["LINENUMBER"] = day.name, i+1
			g.fixed(paymentDayLines, c.code, day.presence, line)
		}
	}
}

func (g *generator) paymentSchedules(c company) {
	for _, s := range []struct {
		name, description, method, unit string
		presence                        presence
		percents                        []string // of each instalment
	}{
		{"3EQUAL", "Three equal instalments", "fixedQuantity", "months", onBoth, []string{"33.33", "33.33", "33.34"}},
		{"HALFHALF", "Half now, half later", "specified", "days", onBoth, []string{"50", "50"}},
		{"QUARTERLY", "Four quarters of a year", "fixedQuantity", "months", onBoth, []string{"25", "25", "25", "25"}},
		{"5YEARS", "Five yearly instalments", "fixedQuantity", "years", onlyIn(c, onLeft), []string{"20", "20", "20", "20", "20"}},
	} {
		g.fixed(paymentSchedules, c.code, s.presence, values{
			"NAME": s.name, "DESCRIPTION": s.description, "ALLOCATIONMETHOD": s.method, "PAYMENTFREQUENCYUNITS": s.unit,
			"PAYMENTFREQUENCY": 1, "NUMBEROFPAYMENTS": len(s.percents), "FIXEDPAYMENTAMOUNT": "0", "MINIMUMPAYMENTAMOUNT": "12.5",
			"SALESTAXALLOCATIONMETHOD": "proportional", "NOTES": "Agreed with the credit department."})
		for i, percent := range s.percents {
			g.fixed(paymentScheduleLines, c.code, s.presence, values{"PAYMENTSCHEDULENAME": s.name, "LINENUMBER": i + 1,
				"PERIODSAFTERDUEDATE": i, "PERCENTORAMOUNT": "percent", "PERCENTORAMOUNTVALUE": percent})
		}
	}
}

func (g *generator) termsOfPayment(c company) {
	for _, t := range []struct {
		name, description, method string
		days                      int
		presence                  presence
		more                      values
	}{
		{"COD", "Cash on delivery", "cashOnDelivery", 0, onBoth, values{"ISCASHPAYMENT": "yes"}},
		{"Net7", "Net 7 days", "net", 7, onBoth, nil},
		{"Net10", "Net 10 days", "net", 10, onBoth, nil},
		{"Net14", "Net 14 days", "net", 14, onBoth, values{"PAYMENTDAYNAME": "MONDAY"}},
		{"Net30", "Net 30 days", "net", 30, onBoth, values{"ISDEFAULTPAYMENTTERM": "yes"}},
		{"Net45", "Net 45 days", "net", 45, onBoth, nil},
		{"Net60", "Net 60 days", "net", 60, onBoth, values{"PAYMENTDAYNAME": "TWICEWEEK"}},
		{"CM15", "Current month and 15 days", "currentMonth", 15, onBoth, values{"CUTOFFDAYOFMONTH": 20, "PAYMENTDAYNAME": "MIDMONTH"}},
		{"Inst3", "Three instalments", "net", 0, onBoth, values{"PAYMENTSCHEDULENAME": "3EQUAL", "CREDITCARDPAYMENTTYPE": "authorization"}},
		{"Net75", "Net 75 days", "net", 75, onlyIn(c, onLeft), values{"PAYMENTDAYNAME": "TENTH", "PAYMENTSCHEDULENAME": "5YEARS"}},
		{"Net120", "Net 120 days", "net", 120, onlyIn(c, onRight), nil},
	} {
		v := values{"NAME": t.name, "DESCRIPTION": t.description, "NUMBEROFMONTHS": 0, "NUMBEROFDAYS": t.days, "CUTOFFDAYOFMONTH": 0,
			"ISCASHPAYMENT": "no", "ISCERTIFIEDCOMPANYCHECK": "no", "ISDEFAULTPAYMENTTERM": "no", "CREDITCARDPAYMENTTYPE": "none",
			"CREDITCARDCREDITCHECKTYPE": "none", "PAYMENTMETHODTYPE": t.method}
		for column, value := range t.more {
			v[column] = value
		}
		g.fixed(termsOfPayment, c.code, t.presence, v)
	}
}

func (g *generator) paymentMethods(c company) {
	for _, m := range []struct {
		name, description, account, kind string
		presence                         presence
		more                             values
	}{
		{"CASH", "Cash", "ledger", "other", onBoth, nil},
		{"CHECK", "Check", "bank", "check", onBoth, values{"DISCOUNTGRACEPERIODDAYS": 3}},
		{"CARD", "Credit card", "bank", "creditCard", onBoth, nil},
		{"ELECTRONIC", "Electronic payment", "bank", "electronicPayment", onBoth, values{"LASTFILENUMBER": 1204, "LASTFILENUMBERTODAY": 3}},
		{"WIRE", "Wire transfer", "bank", "electronicPayment", onBoth, values{"PAYMENTSTATUS": "sent"}},
		{"SEPA", "SEPA direct debit", "bank", "electronicPayment", onBoth, values{"ISSEPA": "yes", "DIRECTDEBIT": "yes", "SUMBYPERIOD": "transDate"}},
		{"BILL", "Bill of exchange", "ledger", "billOfExchange", onBoth, values{"BRIDGINGPOSTINGENABLED": "yes", "PAYMENTSTATUS": "confirmed"}},
		{"BARTER", "Goods in return", "vend", "other", onlyIn(c, onLeft), nil},
		{"VOUCHER", "Gift voucher", "cust", "other", onlyIn(c, onRight), nil},
	} {
		v := values{"NAME": m.name, "DESCRIPTION": m.description, "ACCOUNTTYPE": m.account, "PAYMENTTYPE": m.kind, "PAYMENTSTATUS": "none",
			"SUMBYPERIOD": "invoice", "DISCOUNTGRACEPERIODDAYS": 0, "LASTFILENUMBER": 0, "LASTFILENUMBERTODAY": 0, "ISSEPA": "no",
			"DIRECTDEBIT": "no", "BRIDGINGPOSTINGENABLED": "no"}
		for column, value := range m.more {
			v[column] = value
		}
		g.fixed(paymentMethods, c.code, m.presence, v)
	}
}
