# Whether the token may be used by this caller, from here (RFC 9449 section 7.1, RFC 8705 section 3, our `net` and `tenant`). What is known
# of the request stands in `input.request`, each from the connection, from a proof that the service verified or from its configuration:
#
#   {"scheme": "Bearer" or "DPoP", "jkt": ..., "x5t#S256": ..., "address": ..., "tenant": ...}
package cardea.token

import data.cardea.cedar

request := object.get(input, "request", {})

# What does not fit, by kind.
mismatches contains "key" if not is_key_right

mismatches contains "certificate" if not is_certificate_right

mismatches contains "address" if not is_address_right

mismatches contains "tenant" if not is_tenant_right

# A bound token under Bearer would make the binding optional; an unbound one under DPoP would pretend to have one.
is_key_right if {
	object.get(request, "scheme", "Bearer") == "Bearer"
	object.get(claims, ["cnf", "jkt"], "") == ""
}

is_key_right if {
	request.scheme == "DPoP"
	request.jkt == claims.cnf.jkt
	claims.cnf.jkt != ""
}

is_certificate_right if object.get(claims, ["cnf", "x5t#S256"], "") == ""

is_certificate_right if request["x5t#S256"] == claims.cnf["x5t#S256"]

is_address_right if not claims.net

is_address_right if {
	some network in claims.net
	cedar.ip_is_in_range(cedar.ip_of(request.address), cedar.ip_of(network)) == true
	every each in claims.net { cedar.ip_of(each) }
}

is_tenant_right if not request.tenant

is_tenant_right if request.tenant == claims.tenant

# A proof that does not hold is an attack, whatever the policy says of a missing one.
is_softenable if not "key" in mismatches

is_softenable if object.get(request, "scheme", "Bearer") == "Bearer"
