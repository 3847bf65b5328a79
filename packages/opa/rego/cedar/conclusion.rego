# The decision that follows from what each policy says, in the form that a guard's decisions have.
#
# A verdict is [place, id, effect, outcome] of a policy whose scope fits the request; its outcome [true], [false], or anything else
# where the policy errs. Cedar: any forbid denies, else any permit allows, else deny. Beyond Cedar: under "deny" a forbid that errs denies too.
package cardea.cedar

conclusion(verdicts, forbid_errors) := {
	"decision": answer[0],
	"reason": answer[1],
	"determining": answer[2],
	"errors": [{"policy": id, "code": "ERR_OPA_POLICY"} |
		some [_, id, _, outcome] in verdicts
		not outcome in {[true], [false]}
	],
} if {
	answer := answer_of(
		ids_of(verdicts, "forbid"),
		[id |
			forbid_errors == "deny"
			some [_, id, effect, outcome] in verdicts
			effect == "forbid"
			not outcome in {[true], [false]}
		],
		ids_of(verdicts, "permit"),
	)
}

answer_of(forbids, erring, permits) := ["deny", "forbid", forbids] if {
	count(forbids) > 0
} else := ["deny", "forbid-error", erring] if {
	count(erring) > 0
} else := ["allow", "permit", permits] if {
	count(permits) > 0
} else := ["deny", "no-permit", []]

ids_of(verdicts, wanted) := [id |
	some [_, id, effect, outcome] in verdicts
	effect == wanted
	outcome == [true]
]
