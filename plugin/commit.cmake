# SPDX-License-Identifier: MPL-2.0
#
# Run by each build: fills the commit into build.h, which changes only if the commit does.
cmake_path(GET CMAKE_SOURCE_DIR PARENT_PATH ABOVE)
set(ENV{GIT_CEILING_DIRECTORIES} ${ABOVE}) # not the commit of a repository that this folder lies in
execute_process(COMMAND git rev-parse HEAD OUTPUT_VARIABLE COMMIT RESULT_VARIABLE FAILED
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND git --no-optional-locks status --porcelain --untracked-files=all OUTPUT_VARIABLE CHANGED
                ERROR_QUIET)
if(FAILED) # no git, or not a clone
  set(COMMIT unknown)
elseif(CHANGED) # files that are new count: the build finds sources by their names
  string(APPEND COMMIT -dirty)
endif()
configure_file(${IN} ${OUT})
