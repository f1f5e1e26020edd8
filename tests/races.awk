# Counts what the thread sanitizer reports of generated loops: both accesses lie in them.
# CONTRIBUTING.md says how to get there.
BEGIN { RS = "WARNING: ThreadSanitizer:" }
{
    accesses = split($0, access, /\n  (Write|Read|Previous write|Previous read) [^\n]*/)
    both = 0
    for (i = 2; i <= 3 && i <= accesses; i++) {
        split(access[i], line, "\n")
        both += (line[2] line[3] line[4] line[5]) ~ /op2-core\/src\/(par_loop|exec)|__op2_/
    }
    races += both == 2
}
END { print races + 0, "of", NR - 1, "reports are of loop code"; exit races > 0 }
