package cds

import (
	"net/http"
	"slices"

	"dualwrite/connectors/practice/service"
)

// users answers reads of the users of the environment: the application user
// that calls are made as, and the person that edits the app's file.
func (c *call) users() (*service.Response, error) {
	all := []definition{
		{"systemuserid": UserID, "fullname": "# Practice application", "domainname": "", "applicationid": organizationID, "isdisabled": false},
		{"systemuserid": PersonID, "fullname": "Practice person", "domainname": "person@practice.example", "applicationid": nil, "isdisabled": false},
	}
	if c.Method != http.MethodGet {
		return nil, &wireError{http.StatusForbidden, "0x80040220", "Principal user is missing the privilege to write users."}
	}
	key := c.segments[0].Key
	if len(key) != 1 {
		return c.list(all, "#systemusers")
	}
	all = slices.DeleteFunc(all, func(u definition) bool { return u["systemuserid"] != key[0].Value.Text })
	found, err := c.narrow(all)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &wireError{http.StatusNotFound, codeNoObject, "Entity 'systemuser' With Id = " + key[0].Value.Text + " Does Not Exist"}
	}
	found[0]["@odata.context"] = c.base + "$metadata#systemusers/$entity"
	return c.encode(found[0])
}
