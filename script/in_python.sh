# SPDX-License-Identifier: MPL-2.0
#
# How script/demo, test, bench and release start their Python: after their help, for which none is needed, and
# after script/build where there is none yet. They define `usage` and source this.
in_python() { # FILE ARGUMENT...
    local here needs=(--with-tests)
    here=$(dirname "$1")
    case " $* " in *" -h "* | *" --help "*) usage; exit ;; esac
    if ! command -v python3 >/dev/null; then
        case " $*" in *" --terraform"*) needs+=(--without-terraform) ;; esac
        case $1 in */release.py) needs=(--provider-only --preset static) ;; esac
        "$here/build" "${needs[@]}" || exit
    fi
    trap '' INT # Python itself would answer with a traceback; harness/script.py listens from its beginning
    exec python3 "$@"
}
