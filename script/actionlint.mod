// SPDX-License-Identifier: MPL-2.0
// The newest actionlint that Debian 12's Go compiles. script/build compiles it; actionlint.sum has what go must get.
module actionlint

go 1.18

require github.com/rhysd/actionlint v1.7.7
