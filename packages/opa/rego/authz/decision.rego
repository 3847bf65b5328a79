# The whole question of a service: may the bearer of this token do this to that?
#
#   input := {
#     "token": "eyJ...", "action": "edit",
#     "resource": {"type": "Document", "id": "plan", "attributes": {...}, "parents": [{"type": "Folder", "id": "f1"}]},
#     "context": {...},                       # what only the service knows; facts of the request are not its to say
#     "request": {"scheme": "Bearer", "address": "10.1.2.3", ...},   # see cardea/token/binding.rego
#   }
#
# Each step before the policies says what must hold, so what is missing, malformed or too old refuses. A `resource` of null does not exist.
package cardea.authz

import data.cardea.cedar
import data.cardea.policy.entities
import data.cardea.policy.rules
import data.cardea.policy.schema
import data.cardea_data.settings
import data.cardea.token

default allow := false

allow if decision.decision == "allow"

default decision := {
	"decision": "deny",
	"reason": "unavailable",
	"determining": [],
	"errors": [],
	"status": 503,
}

decision := object.union(
	{
		"decision": answer.decision,
		"reason": answer.reason,
		"determining": answer.determining,
		"errors": answer.errors,
		"status": status,
		"revision": settings.revision,
	},
	facts,
)

# What a record of it says besides, as far as it is known.
facts["action"] := input.action

facts["resource"] := {"type": resource[0], "id": resource[1]}

facts["principal"] := {"type": token.principal[0], "id": token.principal[1]}

facts["tenant"] := token.claims.tenant

facts["jti"] := token.claims.jti

facts["sid"] := token.claims.sid

facts["client"] := token.claims.client_id

# The new token is bound to where the person is now.
facts["remedy"] := {"kind": "step-up", "maxAgeSeconds": 0} if {
	lapse in {"binding", "tenant_mismatch"}
	mismatch_mode(rule) == "step-up"
	token.is_softenable
}

# Who stands, and what the policies say then.
answer := {"decision": "deny", "reason": lapse, "determining": [], "errors": []} if {
	lapse != "none"
} else := {
	"decision": verdict.decision,
	"reason": replace(verdict.reason, "-", "_"),
	"determining": verdict.determining,
	"errors": verdict.errors,
}

verdict := made if made := rules.decision with input as asked(action, context)

# The first step that does not hold.
lapse := "no_token" if {
	object.get(input, "token", "") == ""
} else := "invalid_token" if {
	not token.claims
} else := "invalid_request" if {
	not action
} else := mismatch_reason if {
	not is_binding_accepted(rule)
} else := "expired" if {
	not token.is_in_time
} else := "revoked" if {
	not token.is_not_revoked
} else := "tenant_mismatch" if {
	not token.is_served
} else := "invalid_token" if {
	not token.is_of_this_epoch
} else := "unavailable" if {
	not token.holds_its_grants
} else := "stale" if {
	not token.is_fresh(object.get(rule, "max_stale_ms", token.lifetime * 1000) / 1000)
} else := "claims_outdated" if {
	not token.plan
} else := "invalid_token" if {
	not token.entity
} else := "claims_outdated" if {
	not is_covered(rule)
} else := "not_found" if {
	object.get(input, "resource", null) == null
} else := "invalid_request" if {
	not is_asked_rightly
} else := "invalid_entity" if {
	not resource_entity
} else := "context_missing" if {
	not are_facts_known(rule)
} else := "invalid_request" if {
	not context
} else := "none"

rule := settings.actions[input.action]

action := [rule.type, rule.id]

# A token packed by an older plan may lack what the action's policies read.
is_covered(asked_rule) if {
	outdated := asked_rule.outdated[token.claims.plan]
	every type in outdated { type != token.principal[0] }
}

is_asked_rightly if schema.applies(action, token.principal, resource)

resource := [input.resource.type, input.resource.id]

resource_entity := entities.checked(
	resource,
	{"attrs": object.get(input.resource, "attributes", {})},
	{cedar.uid_of(parent) | some parent in resource_parents},
) if {
	every parent in resource_parents { cedar.uid_of(parent) }
}

# Unknown is not absent: what may stand in something says in what, if only that it is nothing.
resource_parents := input.resource.parents if is_array(input.resource.parents)

resource_parents := [] if {
	not "parents" in object.keys(input.resource)
	count(schema.ancestor_types[resource[0]]) == 0
}

# The context: facts that were verified here, and what the service says. It cannot say a fact.
context := context_of(rule)

context_of(asked_rule) := schema.context([asked_rule.type, asked_rule.id], object.union(said, known)) if {
	said := object.get(input, "context", {})
	is_object(said)
	count(object.keys(said) & {"ip", "now", "acr", "authTime", "device", "tenant", "client"}) == 0
	known := {name: reserved[name] | some name in asked_rule.facts; reserved[name]}
}

are_facts_known(asked_rule) if {
	every name in asked_rule.required_facts { reserved[name] }
}

reserved["ip"] := token.request.address if cedar.ip_of(token.request.address)

reserved["now"] := instant(token.now)

reserved["authTime"] := instant(token.claims.auth_time)

reserved["acr"] := token.claims.acr

reserved["device"] := token.claims.device

reserved["tenant"] := token.claims.tenant

reserved["client"] := token.claims.client_id

instant(seconds) := {"__extn": {"fn": "offset", "args": ["1970-01-01", sprintf("%dms", [floor(seconds * 1000)])]}}

# The request as the policies read it. Who is a resource too is two entities: what the token says, and what the service says.
asked(of, in_context) := cedar.request({
	"principal": token.principal,
	"action": of,
	"resource": resource,
	"context": in_context,
	"entities": known,
	"own": {"principal": token.entity, "resource": resource_entity},
	"links": token.links,
})

known := object.union_n([schema.actions, {token.principal: token.entity}, {resource: resource_entity | resource != token.principal}])

# A binding that does not fit is a refusal, unless the action says that it is only recorded.
is_binding_accepted(_) if count(token.mismatches) == 0

is_binding_accepted(asked_rule) if {
	mismatch_mode(asked_rule) == "log"
	token.is_softenable
}

# The strictest of what the action says of what does not fit.
mismatch_mode(asked_rule) := [mode | some mode in ["deny", "step-up", "log"]; mode in modes][0] if {
	modes := {object.get(asked_rule.mismatch, kind, "deny") | some kind in token.mismatches}
}

mismatch_reason := "tenant_mismatch" if {
	token.mismatches == {"tenant"}
	object.get(rule.mismatch, "tenant", "deny") == "deny"
} else := "binding"

# The HTTP status of the answer that a guard gives: existence is only shown to whom some revealing action is allowed.
status := 200 if {
	answer.decision == "allow"
} else := 401 if {
	answer.reason in {"no_token", "invalid_token", "expired", "revoked", "binding", "claims_outdated"}
} else := 401 if {
	answer.reason == "tenant_mismatch"
	not token.is_served
} else := 400 if {
	answer.reason == "invalid_request"
} else := 503 if {
	answer.reason in {"stale", "unavailable"}
} else := 403 if {
	lapse in {"none", "context_missing"}
	is_revealed
} else := 404

is_revealed if {
	some revealing in settings.actions
	revealing.reveals
	is_binding_accepted(revealing)
	is_covered(revealing)
	of := [revealing.type, revealing.id]
	schema.applies(of, token.principal, resource)
	in_context := context_of_nothing(revealing)
	made := rules.decision with input as asked(of, in_context)
	made.decision == "allow"
}

# Without a word of the service.
context_of_nothing(revealing) := schema.context(
	[revealing.type, revealing.id],
	{name: reserved[name] | some name in revealing.facts; reserved[name]},
)
