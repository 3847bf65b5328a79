# From JSON to the values of Cedar, by the type that the schema says: Cedar's own forms ({"__entity": ...}, {"__extn": ...}), and plain
# ones, an id for a reference and a text for an extension value. Undefined for whatever is not of the type.
package cardea.cedar

# {"type": ..., "id": ...}, also inside {"__entity": ...}
uid_of(document) := [uid.type, uid.id] if {
	uid := object.get(document, "__entity", document)
	is_string(uid.type)
	is_string(uid.id)
}

bool_of(document) := document if is_boolean(document)

string_of(document) := document if is_string(document)

# Only whole numbers, by their digits: 1e3 is none. (OPA reads 1.0 as 1.)
long_of(document) := long(document) if {
	is_number(document)
	regex.match(`^(0|-?[1-9][0-9]{0,18})$`, json.marshal(document))
}

entity_of(document, type) := uid if {
	uid := uid_of(document)
	uid[0] == type
}

entity_of(document, type) := [type, document] if is_string(document)

decimal_of(document) := ["decimal", long(signed(text, magnitude))] if {
	text := extension_text(document, "decimal")
	regex.match(`^-?[0-9]+\.[0-9]{1,4}$`, text)
	parts := split(trim_left(text, "-"), ".")
	magnitude := whole(concat("", [parts[0], parts[1], substring("0000", count(parts[1]), -1)]))
}

duration_of(document) := ["duration", long(signed(text, milliseconds))] if {
	text := extension_text(document, "duration")
	regex.match(`^-?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$`, text)
	not text in {"", "-"}
	days := replace(trim_left(text, "-"), "ms", "u")
	hours := after(days, "d")
	minutes := after(hours, "h")
	seconds := after(minutes, "m")
	rest := after(seconds, "s")
	milliseconds := ((((before(days, "d") * 86400000) + (before(hours, "h") * 3600000)) + (before(minutes, "m") * 60000)) + (before(seconds, "s") * 1000)) + before(rest, "u")
}

# The number before the unit, and what comes after it.
before(text, unit) := whole(split(text, unit)[0]) if {
	contains(text, unit)
} else := 0

after(text, unit) := split(text, unit)[1] if {
	contains(text, unit)
} else := text

# An instant that no text can say is written as the sum of two that can.
datetime_of(document) := time_offset(datetime_of_text(start), duration_of(by)) if {
	call := object.get(document, "__extn", document)
	call.fn == "offset"
	[start_document, by] := call.args
	start := extension_text(start_document, "datetime")
}

datetime_of(document) := datetime_of_text(text) if text := extension_text(document, "datetime")

datetime_of_text(text) := ["datetime", ((days * 86400000) + time) - offset] if {
	regex.match(
		`^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3})?(Z|[+-][0-9]{4}))?$`,
		text,
	)
	days := days_of(whole(substring(text, 0, 4)), whole(substring(text, 5, 2)), whole(substring(text, 8, 2)))
	time := time_of(substring(text, 11, -1))
	offset := offset_of(substring(text, 19, -1))
}

# Days since 1970 of a date of the Gregorian calendar; years begin in March, so that a leap day is the last of one, and 400 of them are
# added, so that none is negative.
days_of(year, month, day) := (((era * 146097) + (of_era * 365)) + ((floor(of_era / 4) - floor(of_era / 100)) + of_year)) - 865565 if {
	month >= 1
	month <= 12
	day >= 1
	day <= days_in(year, month)
	march_year := (year + 400) - floor((14 - month) / 12)
	era := floor(march_year / 400)
	of_era := march_year - (era * 400)
	of_year := (floor(((153 * ((month + 9) % 12)) + 2) / 5) + day) - 1
}

days_in(year, month) := 29 if {
	month == 2
	is_leap(year)
} else := [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]

is_leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

is_leap(year) if year % 400 == 0

time_of("") := 0

time_of(text) := (((((hour * 60) + minute) * 60) + second) * 1000) + fraction if {
	text != ""
	hour := whole(substring(text, 0, 2))
	minute := whole(substring(text, 3, 2))
	second := whole(substring(text, 6, 2))
	hour <= 23
	minute <= 59
	second <= 59
	fraction := fraction_of(substring(text, 8, -1))
}

# What follows the seconds: `.SSS`, or nothing of it.
fraction_of(text) := whole(substring(text, 1, 3)) if {
	startswith(text, ".")
} else := 0

# What follows the seconds ends with the zone.
offset_of(text) := 0 if {
	text in {"", "Z"}
} else := 0 if {
	endswith(text, "Z")
} else := milliseconds if {
	zone := substring(text, count(text) - 5, -1)
	hours := whole(substring(zone, 1, 2))
	minutes := whole(substring(zone, 3, 2))
	hours <= 23
	minutes <= 59
	milliseconds := signed(zone, ((hours * 60) + minutes) * 60000)
}

# The text of an extension value, whose constructor the type says.
extension_text(document, _) := document if is_string(document)

extension_text(document, name) := call.arg if {
	call := object.get(document, "__extn", document)
	call.fn == name
	is_string(call.arg)
}

signed(text, magnitude) := 0 - magnitude if {
	startswith(text, "-")
} else := magnitude

# A number of decimal digits. More of them than here fit no Long, whatever their unit is.
whole(digits) := 0 if {
	trim_left(digits, "0") == ""
} else := to_number(stripped) if {
	stripped := trim_left(digits, "0")
	count(stripped) <= 23
}
