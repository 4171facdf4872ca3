# SPDX-License-Identifier: MPL-2.0
#
# What --version says. Configuring finds the libraries and their versions; each build asks git for the commit.
# Libraries have the names of Debian's source packages, because security advisories use them. Without dpkg they have
# pkg-config's names. re2 is not in the list: only gRPC's xDS client uses it, and that is left out.
set(MODULES grpc absl_base zlib libcares openssl libcurl libxml-2.0 jansson libprotobuf-c msgpack msgpack-c)

# A file that only the compiler can find: "/usr/lib/x86_64-linux-gnu/libc.a".
function(compilers_file NAME OUT)
  separate_arguments(WHERE NATIVE_COMMAND "${CMAKE_EXE_LINKER_FLAGS}")
  execute_process(COMMAND ${CMAKE_C_COMPILER} ${WHERE} -print-file-name=${NAME} OUTPUT_VARIABLE FILE
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  get_filename_component(FILE ${FILE} REALPATH)
  set(${OUT} ${FILE} PARENT_SCOPE)
endfunction()

# "NAME VERSION" of each package that owns one of these files.
function(packages_of OUT)
  set(DATABASE --admindir=${CMAKE_SYSROOT}/var/lib/dpkg)
  string(REPLACE "${CMAKE_SYSROOT}/" "/" FILES "${ARGN}")
  execute_process(COMMAND dpkg-query ${DATABASE} --search ${FILES} OUTPUT_VARIABLE OWNERS ERROR_QUIET)
  string(REGEX MATCHALL "[^\n]+: /" OWNERS "${OWNERS}")
  list(TRANSFORM OWNERS REPLACE ": /$" "")
  if(OWNERS)
    execute_process(COMMAND dpkg-query ${DATABASE} --show --showformat "\${source:Package} \${source:Version}\n" ${OWNERS}
                    OUTPUT_VARIABLE FOUND OUTPUT_STRIP_TRAILING_WHITESPACE)
    string(REPLACE "\n" ";" FOUND "${FOUND}")
  endif()
  set(${OUT} "${FOUND}" PARENT_SCOPE)
endfunction()

set(FILES)
set(AS_PKG_CONFIG_HAS_IT)
foreach(MODULE ${MODULES})
  pkg_get_variable(FOLDER ${MODULE} pcfiledir)
  if(FOLDER)
    execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --modversion ${MODULE} OUTPUT_VARIABLE VERSION
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    list(APPEND AS_PKG_CONFIG_HAS_IT "${MODULE} ${VERSION}")
    list(APPEND FILES ${FOLDER}/${MODULE}.pc)
  endif()
endforeach()
find_program(DPKG_QUERY dpkg-query)
if(DPKG_QUERY)
  compilers_file(libc.a LIBC)
  compilers_file(libstdc++.a LIBSTDCXX)
  packages_of(LIBRARIES ${FILES} ${LIBC} ${LIBSTDCXX})
else()
  set(LIBRARIES ${AS_PKG_CONFIG_HAS_IT})
endif()
if(STATIC) # script/build compiles these itself
  file(STRINGS script/sources.txt PINS REGEX "\\.dsc$")
  foreach(PIN ${PINS})
    string(REGEX REPLACE ".*/([^/_]+)_([^/]+)\\.dsc$" "\\1 \\2" PIN ${PIN})
    list(APPEND LIBRARIES ${PIN})
  endforeach()
endif()
list(REMOVE_DUPLICATES LIBRARIES)
list(SORT LIBRARIES)

foreach(FILE script/sources.txt ${CMAKE_SYSROOT}/var/lib/dpkg/status) # when a version changes, configure again
  if(EXISTS ${FILE} OR EXISTS ${CMAKE_SOURCE_DIR}/${FILE})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${FILE})
  endif()
endforeach()

set(LIBRARY_ROWS)
foreach(LIBRARY ${LIBRARIES})
  string(REGEX REPLACE "(.*) (.*)" "            { \"\\1\", \"\\2\" },\n" ROW ${LIBRARY})
  string(APPEND LIBRARY_ROWS ${ROW})
endforeach()
set(BUILD_H ${CMAKE_BINARY_DIR}/generated/plugin/build.h)
configure_file(plugin/build.h.in ${BUILD_H}.in @ONLY) # leaves ${COMMIT}
add_custom_target(build_facts BYPRODUCTS ${BUILD_H} VERBATIM
                  COMMAND ${CMAKE_COMMAND} -DIN=${BUILD_H}.in -DOUT=${BUILD_H} -P ${CMAKE_SOURCE_DIR}/plugin/commit.cmake
                  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
