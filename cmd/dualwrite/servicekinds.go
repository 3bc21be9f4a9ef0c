package main

import "dualwrite/models"

func financeKind() models.ConnectionKind {
	return models.ConnectionKind{Name: "finops", Label: "Finance and Operations",
		Hint:     "The application must be registered in the directory, and known to the app as a user.",
		Settings: append(registered("https://org.operations.dynamics.com"), paced("8", "60")...),
		Hook:     "Activate the data events of the entities that maps use, with this address as their HTTPS endpoint."}
}

func dataverseKind() models.ConnectionKind {
	return models.ConnectionKind{Name: "dataverse", Label: "Dataverse",
		Hint: "The application must be registered in the directory, and be an application user of the environment.",
		Settings: append(append(registered("https://org.crm.dynamics.com"), paced("16", "30")...),
			models.Setting{Name: "version", Label: "Version of the Web API", Default: "v9.2"},
			models.Setting{Name: "cursor_days", Label: "Days that changes are kept", Default: "7"}),
		Hook: "Register it as a webhook, with an asynchronous step after Create, Update and Delete of the tables that maps use. It needs no key beside the address."}
}

// registered are the settings of an app that applications of a directory enter.
func registered(example string) []models.Setting {
	return []models.Setting{
		{Name: "url", Label: "Address", Hint: "Such as " + example + ".", Required: true},
		{Name: "tenant", Label: "Tenant", Hint: "The directory that the application is registered in.", Required: true, Instead: "token_url"},
		{Name: "client_id", Label: "Application id", Required: true, Instead: "auth"},
		{Name: "client_secret", Label: "Application secret", Secret: true},
		{Name: "token_url", Label: "Address of the token service", Hint: "Only where it is not the public one."},
		{Name: "auth", Label: "Way to sign in", Hint: "Only where it is not by an application: none, basic or bearer."},
		{Name: "user", Label: "User", Hint: "For basic."},
		{Name: "password", Label: "Password", Secret: true},
		{Name: "token", Label: "Token", Secret: true},
	}
}

// paced are the settings that say how hard a service is worked.
func paced(requests, seconds string) []models.Setting {
	return []models.Setting{
		{Name: "batch", Label: "Operations in one batch", Default: "50"},
		{Name: "concurrency", Label: "Most requests at once", Default: requests},
		{Name: "interval", Label: "Seconds between two looks for changes", Default: seconds},
	}
}

func odataKind() models.ConnectionKind {
	return models.ConnectionKind{Name: "odata", Label: "OData service",
		Settings: []models.Setting{
			{Name: "url", Label: "Address of the service", Required: true},
			{Name: "auth", Label: "Way to sign in", Hint: "Without one, what the other settings allow.", Choices: []string{"", "none", "basic", "bearer", "client_credentials"}},
			{Name: "user", Label: "User"},
			{Name: "password", Label: "Password", Secret: true},
			{Name: "token", Label: "Token", Hint: "For bearer.", Secret: true},
			{Name: "token_url", Label: "Address of the token service", Hint: "For client_credentials, with the next three."},
			{Name: "client_id", Label: "Client id"},
			{Name: "client_secret", Label: "Client secret", Secret: true},
			{Name: "scope", Label: "Scope"},
			{Name: "company", Label: "Field of the legal entity", Default: "dataAreaId"},
			{Name: "batch", Label: "Form of batches", Default: "auto", Choices: []string{"auto", "none", "multipart", "changesets", "json"}},
			{Name: "interval", Label: "Seconds between two looks for changes", Default: "60"},
			{Name: "concurrency", Label: "Most requests at once", Default: "8"},
		},
		Hook: "Have the service, or a program beside it, post to this address when something has changed."}
}
