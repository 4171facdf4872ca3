# SPDX-License-Identifier: MPL-2.0
#
# libcurl and libxml2 without what the provider never uses, in build/static-libs, for the preset static:
# Debian has no archive of libcurl that stands alone, and its libxml2 contains ICU. script/build sources this.

static_libs=build/static-libs
made_of=(script/sources.txt script/static_libs.sh)
static_libs_compiler=cc
common_options=(-G Ninja -DCMAKE_BUILD_TYPE=MinSizeRel -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_FIND_LIBRARY_SUFFIXES=.a)
common_options+=(-DBUILD_SHARED_LIBS=OFF -DBUILD_TESTING=OFF)
common_options+=("-DCMAKE_C_FLAGS=-fPIE -ffunction-sections -fdata-sections -fstack-protector-strong -D_FORTIFY_SOURCE=3 \
    -ffile-prefix-map=$(printf %q "$PWD")=.") # the place of the clone does not matter
# The provider searches the CA bundle itself. c-ares resolves names, because glibc's resolver loads libraries.
curl_options=(-DHTTP_ONLY=ON -DENABLE_ARES=ON -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none -DBUILD_CURL_EXE=OFF)
curl_options+=(-DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DUSE_NGHTTP2=OFF -DCURL_USE_LIBSSH2=OFF)
curl_options+=(-DUSE_LIBIDN2=OFF -DCURL_USE_LIBPSL=OFF -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON)
curl_options+=("-DCURL_DISABLE_"{COOKIES,NETRC,ALTSVC,HSTS}"=ON")
libxml2_options=("-DLIBXML2_WITH_"{ICU,ICONV,LZMA,ZLIB,HTTP,FTP,CATALOG,HTML,SCHEMAS,SCHEMATRON}"=OFF")
libxml2_options+=("-DLIBXML2_WITH_"{XPATH,XPTR,XINCLUDE,C14N,MODULES,DEBUG,PYTHON,PROGRAMS,TESTS}"=OFF")

# The same for another machine, on which curl's build tries nothing out: its poll() works, as on every Linux.
for_arm64() {
    static_libs=build/static-libs-arm64
    made_of+=(script/linux_arm64.cmake)
    static_libs_compiler=aarch64-linux-gnu-gcc
    curl_options+=(-DHAVE_POLL_FINE=1 -DRANDOM_FILE=/dev/urandom)
    common_options+=("-DCMAKE_TOOLCHAIN_FILE=$PWD/script/linux_arm64.cmake")
}

static_libs_made_of() { # another compiler or another version of a library here: made again
    cat "${made_of[@]}"
    "$static_libs_compiler" --version 2>/dev/null || true
    versions_of_libraries
}

lacks_static_libs() {
    ! static_libs_made_of 2>/dev/null | cmp -s - "$static_libs/made_of"
}

fetch_source() { # SHA-256, path; from the Debian mirrors that apt is configured with
    local mirror file=$static_libs/sources/${2##*/}
    for mirror in "${mirrors[@]}"; do
        ! PATH=$PATH:/usr/lib/apt apt-helper download-file "$mirror/$2" "$file" "SHA256:$1" || return 0
    done
    printf '%s\n' '' "No Debian mirror here has $2 with the SHA-256 of script/sources.txt." \
        "When Debian replaces a version, it removes the old one: write the new version's files into" \
        "script/sources.txt (apt-get source --download-only fetches them) and run the tests of the preset static."
    return 1
}

fetch_sources() {
    local sum path mirrors
    mapfile -t mirrors < <(apt-get update --print-uris | grep -o "^'[^']*/dists/" | sed "s|^'||; s|/dists/||" | sort -u)
    while read -r sum path; do
        [ "$sum" = '#' ] || fetch_source "$sum" "$path" || return
    done <script/sources.txt
}

# c-ares by itself waits 75 s for a server that is silent, beyond libcurl's limit of 60 s. So it is 9 s; glibc's are 10 s.
impatient=' | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;\n  options.timeout = 3000;\n  options.tries = 2;'
make_impatient() { # SOURCE
    sed -i "s/optmask = ARES_OPT_SOCK_STATE_CB;/optmask = ARES_OPT_SOCK_STATE_CB$impatient/" "$1" &&
        grep -q 'options.tries = 2' "$1"
}

make_static_lib() { # NAME CMAKE_OPTION...
    local folder=$static_libs/sources/$1
    dpkg-source --no-check -x "$static_libs/sources/$1"_*.dsc "$folder" &&
        { [ "$1" != curl ] || make_impatient "$folder/lib/asyn-ares.c"; } &&
        cmake -S "$folder" -B "$folder/build" "--install-prefix=$PWD/$static_libs" "${common_options[@]}" "${@:2}" &&
        cmake --build "$folder/build" && cmake --install "$folder/build"
}

make_static_libs() {
    rm -rf "$static_libs" && mkdir -p "$static_libs/sources" && fetch_sources &&
        make_static_lib curl "${curl_options[@]}" && make_static_lib libxml2 "${libxml2_options[@]}" &&
        sed -i "s|^prefix=.*|prefix=\${pcfiledir}/../..|; s|^libdir=.*|libdir=\${prefix}/lib|
            s|^Libs:.*|Libs: -L\${libdir} -lcurl -lcares -lssl -lcrypto|" "$static_libs/lib/pkgconfig/libcurl.pc" &&
        static_libs_made_of >"$static_libs/made_of"
}
