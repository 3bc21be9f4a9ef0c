# Reads the output of "go test -v" and says what ran and which suites were
# skipped, and why. Fails when one was skipped because something is not
# installed, which its reason then says in that word. A case within a suite that
# does not apply, such as a promise that an app does not make, is no skipped suite.
/^=== RUN/ { reason = "" }
/^ +[a-z0-9_]+\.go:[0-9]+: / { reason = $0; sub(/^ +[^ ]+ /, "", reason) }
/^--- (PASS|FAIL)/ { ran++ }
/^--- SKIP/ { waiting[++n] = $3 ": " reason; if (reason ~ /installed/) missing++ }
/^(ok|FAIL)[ \t]+[^ \t]+[ \t]/ {
	packages++
	for (i = 1; i <= n; i++) names = names "\n  " $2 " " waiting[i]
	skipped += n
	n = 0
}
END {
	printf "ran %d tests in %d packages, skipped %d suites%s\n", ran, packages, skipped, skipped ? ":" names : ""
	exit missing > 0
}
