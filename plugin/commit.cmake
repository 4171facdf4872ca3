# SPDX-License-Identifier: MPL-2.0
#
# Run by each build: fills the commit into build.h, which changes only if the commit does.
set(COMMIT)
execute_process(COMMAND git describe --always --dirty --abbrev=40 --exclude=* OUTPUT_VARIABLE COMMIT
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT COMMIT) # no git, or not a clone
  set(COMMIT unknown)
endif()
configure_file(${IN} ${OUT})
