module dualwrite

go 1.26.0
