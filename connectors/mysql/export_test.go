package mysql

import "dualwrite/connectors"

// Ask makes a connector to MariaDB ask for what its inserts made, as MySQL needs.
func Ask(c connectors.Connector) { c.(*connector).asks = true }
