package main

// restrictFiles does nothing: on Windows a folder's access list says who may
// read the files in it.
func restrictFiles() {}
