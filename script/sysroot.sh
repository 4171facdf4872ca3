# SPDX-License-Identifier: MPL-2.0
#
# Debian's arm64 packages, unpacked in build/sysroot-arm64 and not installed: apt would have to bring this machine's
# own libraries to the same versions first, and root would have to add arm64. script/build sources this.

sysroot=build/sysroot-arm64

choose_sysroot_packages() { # PACKAGE...: the libraries among them; libcurl and libxml2 are compiled here
    sysroot_packages=()
    local package
    for package; do
        case $package in
            libcurl4-* | libxml2-*) ;;
            lib*-dev) sysroot_packages+=("$package") ;;
        esac
    done
}

versions_of_libraries() { # on this machine
    # shellcheck disable=SC2016 # dpkg's variables
    dpkg-query -W -f '${Package} ${Version}\n' "${sysroot_packages[@]}" 2>/dev/null || true
}

sysroot_made_of() { # when this machine's versions move, the sysroot is made again
    printf '%s\n' "${sysroot_packages[@]}"
    versions_of_libraries
    cat script/sysroot.sh
}

lacks_sysroot() {
    ! sysroot_made_of 2>/dev/null | cmp -s - "$sysroot/made_of"
}

arm64_apt() { # apt-get for a machine on which nothing is installed, with the mirrors and the keys of this one
    local apt=$PWD/$sysroot/apt
    apt-get -q -o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt" \
        -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root "$@"
}

download_sysroot() {
    mkdir -p "$sysroot"/apt/{lists,archives}/partial && : >"$sysroot/apt/status" && arm64_apt update &&
        arm64_apt install -y --download-only --no-install-recommends "${sysroot_packages[@]}" \
            "libstdc++-$(aarch64-linux-gnu-gcc -dumpversion)-dev"
}

unpack_sysroot() {
    local package database=$sysroot/var/lib/dpkg
    mkdir -p "$database/info" && : >"$database/status" || return
    for package in "$sysroot"/apt/archives/*.deb; do
        case $package in
            */libboost*) continue ;; # 165 MB of headers, for msgpack's C++
        esac
        dpkg-deb -x "$package" "$sysroot" && note_package "$package" || return
    done
}

note_package() { # so that dpkg-query --admindir says of each file where it comes from
    {
        echo "Status: install ok installed" && dpkg-deb -f "$1" && echo
    } >>"$database/status" && dpkg-deb --fsys-tarfile "$1" | tar -t | sed 's|^\.||; s|/$||; s|^$|/.|' \
        >"$database/info/$(dpkg-deb -f "$1" Package).list"
}

make_paths_relative() { # of links and of pkg-config's files
    local link
    find "$sysroot" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
        ln -sfr "$sysroot$(readlink "$link")" "$link" || return
    done
    [ -e "$sysroot/lib" ] || ln -s usr/lib "$sysroot/lib"
    # shellcheck disable=SC2016 # pkg-config's variable
    sed -i 's|=/usr|=${pcfiledir}/../../..|' "$sysroot"/usr/lib/aarch64-linux-gnu/pkgconfig/*.pc
}

make_sysroot() {
    rm -rf "$sysroot" && download_sysroot && unpack_sysroot && make_paths_relative && rm -r "$sysroot/apt" &&
        sysroot_made_of >"$sysroot/made_of"
}
