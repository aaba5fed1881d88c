#!/bin/sh
# Stands before git, also where git calls itself: finds out which program of git
# this is and the how many-th of its kind, and runs it under strace where a plan
# says so. HERE and REAL are filled in.
here='HERE'
real='REAL'
value=
name=
for word; do
    if [ "$value" ]; then
        value=
        continue
    fi
    case $word in
        -C | -c | --git-dir | --work-tree | --shallow-file | --namespace) value=next ;;
        -*) ;;
        *)
            name=$word
            break
            ;;
    esac
done
[ "$name" ] && [ -d "$here/run" ] || exec "$real" "$@"
export GIT_EXEC_PATH="$here/programs"
number=1
set -C
# Not `:`, with which a shell ends when it cannot redirect.
until { true >"$here/run/$name.$number"; } 2>/dev/null; do
    number=$((number + 1))
    [ $number -gt 99 ] && exec "$real" "$@"
done
set +C
trace="$here/run/$name.$number.trace"
plan="$here/plan/$name.$number"
[ -e "$plan" ] || plan="$here/plan/all"
if [ -e "$plan" ]; then
    read -r options <"$plan"
    # The tracer is no parent: git has the process id that its caller knows.
    exec strace -D -f -b execve -y -o "$trace" $options "$real" "$@"
fi
exec "$real" "$@"
