# What is left out of a decision log before it leaves this OPA. Of the input and of the result only what is named here is sent: a token, a proof, a
# header, a cookie or a claim is none of it, wherever it stands. What a mask cannot reach (the path, an error) is not sent at all when it
# holds something that looks like a token. INVARIANT: `mask` is always defined, for without it an event is sent as it is.

package system.log

mask contains {"op": "upsert", "path": "/input", "value": _kept(input.input, _of_input)} if "input" in object.keys(input)

mask contains {"op": "upsert", "path": "/result", "value": _kept(input.result, _of_result)} if {
	"result" in object.keys(input)
	not is_boolean(input.result)
}

# answers of other services, with what was sent to them
mask contains "/nd_builtin_cache"

drop if {
	some name in object.keys(input)
	not name in {"input", "result", "nd_builtin_cache"}
	walk(input[name], [place, value])
	some text in array.concat(place, [value])
	_is_secret(text)
}

_of_input := {"action", "principal", "resource"}

_of_result := {
	"action", "allow", "allowed", "decision", "determining", "errors",
	"jti", "principal", "reason", "remedy", "resource", "revision", "sid", "tenant",
}

# a comprehension is never undefined: what does not fit is left out
_kept(value, names) := {name: kept |
	is_object(value)
	some name in names
	kept := _member(name, value[name])
}

# who asks for a whole package of Cedar-made Rego gets its decision as a member
_member("decision", value) := {name: kept | some name in _of_result; kept := _plain(name, value[name])} if is_object(value)

_member(name, value) := _plain(name, value) if not _is_whole(name, value)

_is_whole("decision", value) if is_object(value)

_plain(name, value) := value if {
	not name in {"determining", "errors", "principal", "remedy", "resource"}
	_is_plain(value)
}

# what says nothing must not go unseen beside what says allow
_plain(name, value) := null if {
	name in {"allow", "allowed", "decision"}
	not _is_plain(value)
}

_plain("action", value) := _entity(value) if is_object(value)

_plain("principal", value) := _entity(value) if is_object(value)

_plain("resource", value) := _entity(value) if is_object(value)

_plain("remedy", value) := {"kind": value.kind} if _is_plain(value.kind)

_plain("determining", value) := [text | some text in value; is_string(text); _is_plain(text)] if is_array(value)

_plain("errors", value) := [_fault(one) | some one in value; is_object(one)] if is_array(value)

_entity(value) := {name: text | some name in {"type", "id"}; text := value[name]; is_string(text); _is_plain(text)}

_fault(one) := {name: text | some name in {"policy", "code"}; text := one[name]; is_string(text); _is_plain(text)}

_is_plain(value) if is_boolean(value)

_is_plain(value) if is_number(value)

_is_plain(value) if {
	is_string(value)
	count(value) <= 8000
	not _is_secret(value)
}

# a JWS or a JWE, or the beginning of one; what stands behind the name of a scheme
_is_secret(value) if {
	is_string(value)
	regex.match(
		`eyJ[\w-]{8,}|(?:^|[^\w-])e[wy][\w-]{8,}\.[\w-]+\.[\w-]*|(?i:\b(?:bearer|dpop|basic)\s+[\w.~+/=-]{16,})`,
		value,
	)
}
