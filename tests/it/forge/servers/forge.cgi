#!/bin/sh
# A small forge: passwords, git-http-backend, and the batch API of git-lfs.
PATH={PATH}
export PATH GIT_PROJECT_ROOT={REPOS} GIT_HTTP_EXPORT_ALL=1 GIT_CONFIG_NOSYSTEM=1 HOME={ROOT}
umask 022

answer() {
    printf 'Status: %s\r\nContent-Type: %s\r\n%b\r\n' "$1" "$2" "$3"
}

case $FORGE_MODE in
auth | forbidden)
    login=$(printf %s "${HTTP_AUTHORIZATION#Basic }" | base64 -d 2>/dev/null)
    passwords={ROOT}/passwords-$REQUEST_SCHEME-$SERVER_PORT
    # Builtins only: the arguments of a program can be seen by everybody.
    known=
    [ -n "$login" ] && [ -f "$passwords" ] && while read -r password; do
        [ "$password" = "${login#*:}" ] && known=yes && break
    done <"$passwords"
    if [ -z "$known" ]; then
        answer '401 Unauthorized' text/plain 'WWW-Authenticate: Basic realm="forge"\r\n'
        echo 'HTTP Basic: Access denied'
        exit
    fi
    sent=$HTTP_AUTHORIZATION
    # git-http-backend lets a push through for a user; a fetch needs none.
    unset HTTP_AUTHORIZATION
    ;;
esac

case $FORGE_MODE in
forbidden)
    answer '403 Forbidden' text/plain ''
    # A server that repeats what it was sent: hero must not show it.
    echo "this token has no scope for it: ${login#*:} ($sent)"
    exit
    ;;
v0) unset HTTP_GIT_PROTOCOL ;;
esac

case $PATH_INFO in
*/info/lfs/objects/batch)
    request=$(head -c "$CONTENT_LENGTH")
    answer '200 OK' application/vnd.git-lfs+json ''
    printf '{"transfer":"basic","objects":['
    comma=
    for object in $(printf %s "$request" | grep -o '"oid":"[0-9a-f]*","size":[0-9]*' | tr -d '"'); do
        name=$(printf %s "$object" | cut -d, -f1 | cut -d: -f2)
        size=${object##*:}
        printf '%s{"oid":"%s","size":%s,' "$comma" "$name" "$size"
        if [ -f "{ROOT}/lfs/$name" ]; then
            printf '"actions":{"download":{"href":"%s://%s/%s%s/%s"}}}' "$REQUEST_SCHEME" \
                "$HTTP_HOST" "$FORGE_MODE" "${PATH_INFO%/objects/batch}/data" "$name"
        else
            printf '"error":{"code":404,"message":"there is no such object"}}'
        fi
        comma=,
    done
    printf ']}'
    ;;
*/info/lfs/data/*)
    answer '200 OK' application/octet-stream ''
    cat "{ROOT}/lfs/${PATH_INFO##*/}"
    ;;
*/info/lfs/*) answer '404 Not Found' application/vnd.git-lfs+json '' ;;
*) exec {GIT_EXEC}/git-http-backend ;;
esac
