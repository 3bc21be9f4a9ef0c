package main

import (
	"dualwrite/connectors"
	"dualwrite/models"
)

// connectionKinds describes the kinds of app that the program can connect to,
// in the order in which the console offers them.
func connectionKinds(open connectors.Openers) []models.ConnectionKind {
	var out []models.ConnectionKind
	for _, kind := range []models.ConnectionKind{financeKind(), dataverseKind(), odataKind(), postgresKind(), mysqlKind(), sqliteKind()} {
		if open[kind.Name] != nil {
			out = append(out, kind)
		}
	}
	return out
}

func postgresKind() models.ConnectionKind {
	return models.ConnectionKind{Name: "postgres", Label: "PostgreSQL",
		Hint: "The account needs the rights to read and write the tables of entity maps, to put triggers on them, and to create a schema named dualwrite.",
		Settings: []models.Setting{
			{Name: "host", Label: "Host", Hint: "Name or address of the server, or the folder of its socket.", Required: true, Instead: "url"},
			{Name: "port", Label: "Port", Default: "5432"},
			{Name: "database", Label: "Database", Required: true, Instead: "url"},
			{Name: "user", Label: "User", Required: true, Instead: "url"},
			{Name: "password", Label: "Password", Secret: true},
			{Name: "sslmode", Label: "Encryption", Hint: "verify-full checks that it is the right server.", Default: "prefer", Choices: []string{"disable", "prefer", "require", "verify-ca", "verify-full"}},
			{Name: "schema", Label: "Schemas", Hint: "Those whose tables are offered, with commas between; without any, all that the account may read."},
			{Name: "url", Label: "Address instead of the above", Hint: "postgres://user@host/database, without a password."},
		}}
}

func mysqlKind() models.ConnectionKind {
	return models.ConnectionKind{Name: "mysql", Label: "MySQL or MariaDB",
		Hint: "The account needs SELECT, INSERT, UPDATE, DELETE, CREATE and TRIGGER on the database, and PROCESS.",
		Settings: []models.Setting{
			{Name: "host", Label: "Host", Hint: "Name or address of the server.", Required: true, Instead: "socket"},
			{Name: "port", Label: "Port", Default: "3306"},
			{Name: "socket", Label: "Socket instead of host and port", Hint: "Path of the server's socket."},
			{Name: "database", Label: "Database", Required: true},
			{Name: "user", Label: "User", Required: true},
			{Name: "password", Label: "Password", Secret: true},
			{Name: "tls", Label: "Encryption", Hint: "true checks that it is the right server, skip-verify only encrypts.", Default: "false", Choices: []string{"false", "preferred", "skip-verify", "true"}},
		}}
}

func sqliteKind() models.ConnectionKind {
	return models.ConnectionKind{Name: "sqlite", Label: "SQLite",
		Settings: []models.Setting{
			{Name: "path", Label: "Path", Hint: "The database file, which must exist. A path that is not absolute begins at the data folder.", Required: true},
		}}
}
