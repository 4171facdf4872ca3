# SPDX-License-Identifier: MPL-2.0
"""What the acceptance tests, script/demo and script/bench stand on; standard library only."""
