# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# `check` and `create` say the same.
#
#   load lib/bundle; load lib/alike
#
#   alike <<-'END'        see below

# who asks, who runs, and from which configuration each line starts
ALIKE_CHECK=(run_minirun)
ALIKE_RUN=(run_bundle)
ALIKE_BASE=(default_config)

# Lines from standard input, each a change of the default configuration, that create and the start refuse if and only
# if check does, with the words that check has. "!" before it: on any host it is refused.
alike() {
	local line findings wrong=0

	while IFS= read -r line; do
		"${ALIKE_BASE[@]}"
		config "${line#!}"
		"${ALIKE_CHECK[@]}" check --format json "$BUNDLE/"
		findings=$(jq -r '.findings[] | select(.level == "error") | .pointer + ": " + .text' <<<"$output")
		"${ALIKE_RUN[@]}"
		if [[ ($findings && $status == 0) || (! $findings && $status != 0) || ($line == !* && $status == 0) ||
			($findings && $findings != "/"*) ]] ||
			{ [[ $findings ]] && ! jq -Rr 'capture("msg=(?<m>.*)$").m | fromjson' <<<"$stderr" |
				grep -qxF -e "minirun run failed: config.json: $findings" \
					-e "minirun run failed: unable to start container process: config.json: $findings" \
					-e "minirun run failed: unable to start container process: error during container init: config.json: $findings"; }; then
			echo "$line: check: $findings; run: $status $stderr"
			wrong=1
		fi
	done
	((wrong == 0))
}
