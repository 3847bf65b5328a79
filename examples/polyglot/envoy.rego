# For OPA's Envoy plugin (`plugins.envoy_ext_authz_grpc.path: envoy/authz/result`): what Envoy knows of a request becomes the question that
# `data.cardea.authz` answers. Loaded as a file beside the bundles: `opa run --server --config-file opa.yaml envoy.rego`, by the
# build of OPA that has the plugin. What is not mapped here is 503.
#
# Envoy has no row, so it passes what can be decided without one: here, creating in the folder that the path names, with the attributes that
# `data.folders` holds. A rule that reads a document belongs where the document is loaded.
package envoy.authz

default result := {"allowed": false, "http_status": 503}

result := {"allowed": true} if decision.decision == "allow"

result := {"allowed": false, "http_status": decision.status} if decision.decision != "allow"

decision := made if made := data.cardea.authz.decision with input as question

question := {
	"token": bearer,
	"action": action,
	"resource": resource,
	"request": {"scheme": "Bearer", "address": input.attributes.source.address.socketAddress.address},
}

http := input.attributes.request.http

default bearer := ""

bearer := trim_prefix(http.headers.authorization, "Bearer ") if startswith(http.headers.authorization, "Bearer ")

action := "create" if {
	http.method == "POST"
	regex.match(`^/folders/[a-z0-9-]+/documents$`, http.path)
}

default resource := null

resource := {"type": "Folder", "id": id, "attributes": data.folders[id]} if id := split(http.path, "/")[2]
