#!/bin/sh
# Makes the seed corpora: the small mesh files of the tests, unpacked, by format.
set -eu
cd "$(dirname "$0")"
data=../op2-core/tests/data

seed() {
    mkdir -p "corpus/$1"
    case "$2" in
        *.xz) xz -dc "$2" > "corpus/$1/$(basename "$2" .xz)" ;;
        *) cp "$2" "corpus/$1/" ;;
    esac
}

for file in "$data"/*.msh "$data"/gmsh_sq_0.2*.xz "$data"/bad/*.msh; do seed gmsh "$file"; done
for file in "$data"/bad/*.su2; do seed su2 "$file"; done
for file in "$data"/*.dat "$data"/bad/*.map; do seed op2 "$file"; done
for format in obj off ply vtk; do
    for file in "$data"/*."$format"; do seed "$format" "$file"; done
done
for file in "$data"/*.mesh; do seed mfem "$file"; done
