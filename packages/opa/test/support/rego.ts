// The small Rego of the tests.

export const APP = `package app

import rego.v1

default allow := false

allow if {
	input.action.id == "view"
	some entity in input.entities
	entity.uid == input.resource
	entity.attrs.owner.__entity == input.principal
}

default never := false

# only by its digits: the next Long below is the same number in floating point
default exact := false

exact if {
	some entity in input.entities
	entity.uid == input.principal
	entity.attrs.serial == 9007199254740993
	entity.attrs.serial != 9007199254740992
}

verdict := {"allow": false, "reasons": ["not on a weekday"]}

open if input.nothing

conflict := true if input.principal.type == "User"

conflict := false if input.action.id == "view"

# what Rego that is fooled by a missing input would allow
default lenient := false

lenient if not input.principal

echo := {"allow": input.context.device == data.expected, "reasons": [input.context.device]}
`
