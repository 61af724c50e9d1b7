/*
 * format.h - --format: the part of Go's text/template that docker users type, over a JSON value.
 *
 *   {{.ID}} {{.State.Status}} {{json .}} {{index .Args 0}} {{len .Mounts}} {{upper .Name}}
 *   {{join .Args " "}} {{split .Name "/"}} {{println .Name}} {{printf "%s" .Name}} {{truncate .ID 4}} {{pad
 * .ID 1 2}}
 *   {{if .State.Running}}up{{else}}down{{end}}  {{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}  {{with
 * .A}}{{.B}}{{end}}
 *   {{.ID | upper}}  {{- .ID -}}  eq ne lt le gt ge and or not
 *   slice html js urlquery print  {{$x = 2}}  {{break}} {{continue}}
 * A field that is not there is an error that names the nearest one; a missing key of a map (a label) is <no
 * value>. Lists print as [a b], objects as map[k:v].
 */
#ifndef MC_CLI_FORMAT_H
#define MC_CLI_FORMAT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* The fields of {{.A.B}} and their headings for "table" output: { "ID", "CONTAINER ID" }. Ended by { NULL,
 * NULL }. */
struct format_title {
	const char *field;
	const char *title; /* NULL: the field's name in capitals */
};

/* Renders one value by a template; appends to *out. \t and \n in the template are unescaped. */
int format_render(const char *template, const struct json *value, struct buf *out, struct mc_err *err);
/* The same template over the titles of its fields: the head of a table, as docker makes it. */
int format_heading(
	const char *template, const struct format_title *titles, struct buf *out, struct mc_err *err);
/* Is it a template at all? Before anything is read or a stream begins. -EINVAL, docker's exit status 64.
 * NULL is right. */
int format_check(const char *template, struct mc_err *err);

/*
 * Prints a list of objects as docker's ls commands do. format: what --format said; NULL or "table" mean
 * default_format, "json" prints one JSON object a line, "table TEMPLATE" prints aligned columns (separated
 * by \t in the template) under headings, any other template prints one line a row.
 *     format_list(v->format, "table {{.ID}}\t{{.Image}}", titles, rows, stdout, err);
 */
int format_list(const char *format, const char *default_format, const struct format_title *titles,
	const struct json *rows, FILE *out, struct mc_err *err);
/* Prints any list of values (inspect): format NULL prints one indented JSON array, "json" the same without
 * blanks. */
int format_inspect(const char *format, const struct json *array, FILE *out, struct mc_err *err);

#endif
