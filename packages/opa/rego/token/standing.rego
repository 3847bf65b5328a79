# Whether the caller still stands: what was revoked, by position in the log and by no clock, and how old the news of it are. Without news,
# or with news that lack a part, nobody does.
package cardea.token

import data.cardea_data.news
import data.cardea_data.settings

# INVARIANT: an entry touches a token iff `token.seq < entry.seq` in the same epoch.
is_not_revoked if {
	are_news_whole
	count(own_entries) == 7
	count(touching) == 0
}

are_news_whole if {
	news.format == 1
	is_string(news.subject_key)
	every name in ["all", "tokens", "sessions", "principals", "clients", "tenants", "keys", "grants"] {
		is_object(revocations[name])
	}
}

revocations := news.revocations[news.epoch]

# By what it is, who has it, and what it was exchanged for.
touching contains entry if {
	some entry in array.concat(own_entries, inherited_entries)
	is_after(entry)
}

# Where nothing was revoked there is an empty entry, and of any other only a smaller number says that it does not touch.
is_after(entry) if {
	entry != {}
	not claims.seq >= entry.seq
}

own_entries := [entry |
	some entry in [
		revocations.all,
		object.get(revocations.tokens, [claims.iss, claims.jti], {}),
		object.get(revocations.sessions, object.get(claims, "sid", ""), {}),
		object.get(revocations.principals, [tenant, principal_name], {}),
		object.get(revocations.clients, claims.client_id, {}),
		object.get(revocations.tenants, tenant, {}),
		object.get(revocations.keys, decoded[0].kid, {}),
	]
]

inherited_entries := [entry |
	some ancestor in object.get(claims, "derived_from", [])
	some entry in [
		object.get(revocations.tokens, [ancestor.iss, ancestor.jti], {}),
		object.get(revocations.clients, ancestor.client_id, {}),
		object.get(revocations.keys, ancestor.kid, {}),
	]
]

tenant := object.get(claims, "tenant", "")

# People are named by a keyed hash: who reads the news does not read who they are of.
principal_name := hidden_name(["principal", base64url.encode_no_pad(tenant), base64url.encode_no_pad(claims.sub)])

grantee_name(grantee) := hidden_name(array.concat(
	["grantee"],
	[base64url.encode_no_pad(part) | some part in [tenant, grantee[0], grantee[1]]],
))

hidden_name(parts) := substring(crypto.hmac.sha256(concat(".", parts), news.subject_key), 0, 32)

is_grant_revoked(grantee, template, resource) if {
	revocations.grants[tenant]
	entry := revocations.grants[tenant][grantee_name(grantee)][template][resource[0]][resource[1]]
	is_after(entry)
}

is_served if news.tenants.all == true

is_served if not claims.tenant

is_served if news.tenants.names[claims.tenant] == true

is_of_this_epoch if claims.epoch == news.epoch

# Seconds since the authority was asked for what is known here; policies that are not the newest are old since there are newer ones.
age := max({now - news.time, policy_age})

policy_age := 0 if settings.revision >= news.policy.revision

policy_age := now - news.policy.since if settings.revision < news.policy.revision

# The bound is the action's, or the token's own lifetime: never worse than a plain JWT. A token from a later place in the log than the
# news shows that they are behind, and news from later than the clock here show that it is.
is_fresh(bound) if {
	age <= bound
	now - news.time >= -1
	claims.seq <= news.seq
	now < settings.not_after
}

lifetime := claims.exp - claims.iat
