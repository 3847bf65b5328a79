# The operators of Cedar 4.5, three-valued: true, false, or undefined where Cedar errs. Nothing here negates what may be undefined.
#
# A value of Cedar is one of Rego: a Bool, a Long and a String as they are, a set as a set, a record as an object, and as an
# array what Rego has not: an entity is [type, id], an extension value [name, number, ...]. So `==` means in both the same.
package cardea.cedar

# An operand that is evaluated only if those before it do not decide comes as a list: [value], or [] where it errs.

# a && b && ...
conjunction(operands) if {
	every operand in operands { operand == [true] }
}

conjunction(operands) := false if {
	undecided := [operand | some operand in operands; operand != [true]]
	undecided[0] == [false]
}

# a || b || ...
disjunction(operands) := false if {
	every operand in operands { operand == [false] }
}

disjunction(operands) if {
	undecided := [operand | some operand in operands; operand != [false]]
	undecided[0] == [true]
}

# if test then a else b
choice(test, then, _) := then[0] if {
	is_boolean(test)
	test
}

choice(test, _, otherwise) := otherwise[0] if {
	is_boolean(test)
	not test
}

# !a
negation(operand) := operand == false if is_boolean(operand)

same(left, right) := left == right

less(left, right) := left < right if {
	is_number(left)
	is_number(right)
}

less(left, right) := left[1] < right[1] if are_times(left, right)

less_or_equal(left, right) := left <= right if {
	is_number(left)
	is_number(right)
}

less_or_equal(left, right) := left[1] <= right[1] if are_times(left, right)

# Longs: what does not fit 64 bits is an error.

added(left, right) := long(left + right) if {
	is_number(left)
	is_number(right)
}

subtracted(left, right) := long(left - right) if {
	is_number(left)
	is_number(right)
}

multiplied(left, right) := long(left * right) if {
	is_number(left)
	is_number(right)
}

negated(operand) := long(0 - operand) if is_number(operand)

long(number) := number if {
	number >= -9223372036854775808
	number <= 9223372036854775807
}

# Entities and records.

attribute(holder, name) := input.entities[holder].attributes[name] if is_entity(holder)

attribute(holder, name) := holder[name] if is_object(holder)

has(holder, name) if {
	_ = attribute(holder, name)
} else := false if {
	is_holder(holder)
}

tag(entity, name) := input.entities[entity].tags[name] if {
	is_entity(entity)
	is_string(name)
}

has_tag(entity, name) if {
	_ = tag(entity, name)
} else := false if {
	is_entity(entity)
	is_string(name)
}

# The same of the tags of the principal or the resource.
own_tag(tags, name) := tags[name] if is_string(name)

has_own_tag(tags, name) if {
	_ = own_tag(tags, name)
} else := false if {
	is_string(name)
}

is_of_type(entity, type) := entity[0] == type if is_entity(entity)

# entity is type in holder: the holder is looked at only if the type fits.
is_of_type_within(entity, type, _) := false if {
	is_entity(entity)
	entity[0] != type
}

is_of_type_within(entity, type, holder) := within(entity, holder[0]) if {
	is_entity(entity)
	entity[0] == type
}

# a in b: the same, or an ancestor. Of a set every member must be an entity.
within(member, holder) := holder in selves(member) if {
	is_entity(member)
	is_entity(holder)
}

within(member, holders) := count(holders & selves(member)) > 0 if {
	is_entity(member)
	is_set(holders)
	every holder in holders { is_entity(holder) }
}

selves(entity) := {entity} | found(entity, input.entities).ancestors

# One that is not there has nothing and stands alone.
found(entity, entities) := entities[entity] if {
	_ = entities[entity]
} else := {"attributes": {}, "ancestors": set(), "tags": {}}

# Sets.

holds(set, value) := value in set if is_set(set)

holds_all(set, other) := count(other - set) == 0 if {
	is_set(set)
	is_set(other)
}

holds_any(set, other) := count(set & other) > 0 if {
	is_set(set)
	is_set(other)
}

is_empty(set) := count(set) == 0 if is_set(set)

# A `like` pattern comes as a regular expression over the whole text.
like(text, pattern) := regex.match(pattern, text) if is_string(text)

# What always errs.
error if false

is_entity(value) if {
	is_array(value)
	is_string(value[1])
}

is_holder(value) if is_entity(value)

is_holder(value) if is_object(value)

is_extension(value, name) if {
	is_array(value)
	value[0] == name
	is_number(value[1])
}

are_times(left, right) if {
	left[0] in {"datetime", "duration"}
	is_extension(left, left[0])
	is_extension(right, left[0])
}
