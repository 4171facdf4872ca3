# SPDX-License-Identifier: MPL-2.0
#
# For Linux on arm64, compiled on another machine: Debian's cross compiler, and the libraries that script/sysroot.sh
# unpacks. Start files, libgcc and libstdc++ are the sysroot's, too: the compiler's own come from another build.
cmake_path(ABSOLUTE_PATH CMAKE_CURRENT_LIST_DIR NORMALIZE OUTPUT_VARIABLE SCRIPTS)
cmake_path(GET SCRIPTS PARENT_PATH CLONE)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu) # CMake does not find it where the clone's path has a blank
set(CMAKE_SYSROOT ${CLONE}/build/sysroot-arm64)
file(GLOB GCC_FOLDER ${CMAKE_SYSROOT}/usr/lib/gcc/aarch64-linux-gnu/*)
set(CMAKE_EXE_LINKER_FLAGS_INIT "\"-B${GCC_FOLDER}\" \"-B${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu\"")
set(CMAKE_FIND_ROOT_PATH ${CLONE}/build/static-libs-arm64)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
