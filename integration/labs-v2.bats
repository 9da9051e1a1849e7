#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The labs that need controllers in cgroup v2, or AppArmor

load lib/bundle
load lib/labs

minirun_only

@test "lab 11" { play 11; }
@test "lab 12" { play 12; }
@test "lab 16" { play 16; }
