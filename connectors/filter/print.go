package filter

import "strings"

// String is the OData notation of an expression, which Parse reads back to the
// same tree; "" for nil. A member of an enumeration is printed as Enum'Member',
// since the tree does not keep the name of its type. Fields that are called like
// a constant or like "not" cannot be read back.
func String(e Expr) string {
	var b strings.Builder
	write(&b, e, orBinding)
	return b.String()
}

// How strongly an expression holds together; a weaker one needs parentheses
// inside a stronger one.
type binding uint8

const (
	orBinding binding = iota
	andBinding
	strongest
)

func write(b *strings.Builder, e Expr, inside binding) {
	switch n := e.(type) {
	case Or:
		join(b, n.Left, " or ", n.Right, orBinding, inside)
	case And:
		join(b, n.Left, " and ", n.Right, andBinding, inside)
	case Not:
		b.WriteString("not (")
		write(b, n.X, orBinding)
		b.WriteByte(')')
	case Compare:
		b.WriteString(n.Field + " " + string(n.Op) + " ")
		writeLiteral(b, n.Value)
	case Match:
		b.WriteString(string(n.Op) + "(" + n.Field + ",")
		writeLiteral(b, Literal{TextLiteral, n.Text})
		b.WriteByte(')')
	}
}

// join writes two operands. The tree leans to the left, as Parse builds it, so
// an equal operand on the right needs parentheses.
func join(b *strings.Builder, left Expr, word string, right Expr, own, inside binding) {
	if own < inside {
		b.WriteByte('(')
	}
	write(b, left, own)
	b.WriteString(word)
	write(b, right, own+1)
	if own < inside {
		b.WriteByte(')')
	}
}

func writeLiteral(b *strings.Builder, lit Literal) {
	quoted := "'" + strings.ReplaceAll(lit.Text, "'", "''") + "'"
	switch lit.Kind {
	case TextLiteral:
		b.WriteString(quoted)
	case EnumLiteral:
		b.WriteString("Enum" + quoted)
	default:
		b.WriteString(lit.Text)
	}
}
