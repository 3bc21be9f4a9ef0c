// Package service is what the practice apps' HTTP servers share: a model of
// entities over the tables of one SQLite file, row versions that notice every
// write to the file, queries and writes with bound parameters, the $filter
// language, tokens, batches and faults.
//
// It knows no dialect: how a value, a key, an error or a page looks on the wire
// is decided by the packages cds and fno.
package service
