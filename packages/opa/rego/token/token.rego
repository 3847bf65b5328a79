# That the token is real: signature first, then its claims (RFC 9068 section 4, RFC 8725). `claims` is there for a token that this issuer
# signed for this audience with a key that it has now, and for nothing else. Keys, and with them the algorithm, come from the news.
package cardea.token

import data.cardea_data.news
import data.cardea_data.settings

claims := payload if {
	verified := io.jwt.decode_verify(input.token, {
		"cert": json.marshal({"keys": [key.jwk]}),
		"alg": key.alg,
		"iss": settings.issuer,
		"aud": settings.audience,
		# whether it has expired is asked below, where the answer has a name of its own
		"time": (decoded[1].exp - 1) * 1000000000,
	})
	verified[0] == true
	payload := verified[2]
	is_header_plain
	are_claims_whole(payload)
	payload.exp > payload.iat
	payload.exp - payload.iat <= settings.max_lifetime
	payload.iat <= now + ahead_seconds
	object.get(payload, "nbf", 0) <= now + ahead_seconds
}

# Unix seconds.
now := time.now_ns() / 1000000000

# The moment of `exp` is expired.
is_in_time if now < claims.exp

# Issuers' clocks run ahead of ours.
ahead_seconds := 10

# Unbelieved: only to find the key.
decoded := io.jwt.decode(input.token) if {
	count(input.token) <= 8192
	parts := split(input.token, ".")
	count(parts) == 3
	every part in parts {
		regex.match(`^[A-Za-z0-9_-]+$`, part)
		base64url.encode_no_pad(base64url.decode(part)) == part
	}
	is_number(json.unmarshal(base64url.decode(parts[1])).exp)
}

key := news.keys[decoded[0].kid] if {
	is_string(decoded[0].kid)
	news.issuer == settings.issuer
	news.audience == settings.audience
	news.keys[decoded[0].kid].alg == spoken_algorithm(decoded[0].alg)
}

# RFC 9864 gave EdDSA on this curve a name of its own.
spoken_algorithm("Ed25519") := "EdDSA"

spoken_algorithm(name) := name if name != "Ed25519"

# No extension is understood, nothing is unwrapped, and one kind of token never stands in for another.
is_header_plain if {
	count({"crit", "b64", "zip", "enc", "cty"} & object.keys(decoded[0])) == 0
	decoded[0].typ in {"at+jwt", "application/at+jwt"}
}

are_claims_whole(payload) if {
	every name in ["iss", "sub", "client_id", "jti", "epoch", "plan"] { is_identifier(payload[name]) }
	every name in ["tenant", "sid"] { is_identifier(object.get(payload, name, "none")) }
	every name in ["acr", "device"] { is_string(object.get(payload, name, "")) }
	every name in ["exp", "iat", "seq"] { is_whole(payload[name]) }
	every name in ["nbf", "auth_time"] { is_whole(object.get(payload, name, 0)) }
	is_confirmation_known(payload)
	is_array(object.get(payload, "net", []))
	is_ancestry(object.get(payload, "derived_from", []))
}

is_identifier(value) if {
	is_string(value)
	value != ""
	count(value) <= 512
}

is_whole(value) if {
	is_number(value)
	value >= 0
	value <= 9007199254740991
	floor(value) == value
}

# A confirmation that is not known binds the token to something that nobody would check.
is_confirmation_known(payload) if not "cnf" in object.keys(payload)

is_confirmation_known(payload) if {
	is_object(payload.cnf)
	count(payload.cnf) > 0
	count(object.keys(payload.cnf) - {"jkt", "x5t#S256"}) == 0
	every thumbprint in payload.cnf { regex.match(`^[A-Za-z0-9_-]{43}$`, thumbprint) }
}

is_ancestry(ancestors) if {
	is_array(ancestors)
	count(ancestors) <= 8
	every ancestor in ancestors {
		every name in ["iss", "jti", "kid", "client_id"] { is_identifier(ancestor[name]) }
	}
}
