# Reads the output of "go test -v" and says what ran and what was skipped. Fails
# when something was skipped.
/^--- (PASS|FAIL)/ { ran++ }
/^ *--- SKIP/ { skipped++; waiting[++n] = $3 }
/^(ok|FAIL)[ \t]+[^ \t]+[ \t]/ {
	packages++
	for (i = 1; i <= n; i++) names = names "\n  " $2 " " waiting[i]
	n = 0
}
END {
	printf "ran %d tests in %d packages\n", ran, packages
	if (skipped > 0) printf "skipped %d:%s\n", skipped, names
	exit skipped > 0
}
