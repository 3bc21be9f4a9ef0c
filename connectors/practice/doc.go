// Package practice makes the practice environment: two small business apps with
// Contoso-like data, and the entity maps between them, so that a newcomer, a
// demonstration and the tests start from the same two apps.
//
// # The apps
//
// The left app, Finance and Operations, is an SQLite file with one table per
// data entity. It spells columns in upper case, keeps enumerations as labels,
// compares keys letter case and all, refers to other records by plain value
// without checking, and tells companies apart by DATAAREAID.
//
// The right app, Common Data Service, is an SQLite file with one table per
// entity. Its records have GUIDs, its lookups hold the GUID of another record
// and are checked, its text compares without letter case, its option sets are
// codes, and it tells companies apart by a lookup to cdm_companies. It enforces
// the lengths of its texts, and that a contact who buys has a customer group.
//
// Both note when a record was created, and both are ordinary files: they can be
// opened and edited with any SQLite shell while maps run.
//
// # The servers
//
// Serve serves the left app in the dialect of Finance and Operations and the
// right one in that of the Dataverse Web API, on loopback, to clients that sign
// in with the credentials that are kept beside the apps. The servers work on the
// same files: they notice what is edited there past them. On the wire the left
// app's fields and enumerations have their real names, CustomerAccount for
// CUSTOMERACCOUNT, and companies are in lower case; ServedMaps spells the maps
// so. What has no value there is empty, zero or 1900-01-01.
//
// Each server makes troubles when it is told to: service.Faults lists them.
//
// # The data
//
// There are three companies with 2,000 customers on each side: 1,200
// organisations, which the right app calls accounts, and 800 persons, which it
// calls contacts. Around them stand vendors, contact persons, and the reference
// data that customers need first. Of each kind about 60 % are on both sides, a
// tenth of those with a few fields that differ; the rest are on one side only.
// Numbers below 5000 were given by the left app, higher ones by the right app.
//
// Every record can be copied to the other side, with the exceptions that
// Planted lists. The data is the same in every installation.
package practice
