/*
 * format.h - --format: the part of Go's text/template that docker users type, over a JSON value.
 *
 *   {{.ID}} {{.State.Status}} {{json .}} {{index .Args 0}} {{len .Mounts}} {{upper .Name}}
 *   {{join .Args " "}} {{split .Name "/"}} {{println .Name}} {{printf "%s" .Name}} {{truncate .ID 4}} {{pad .ID 1 2}}
 *   {{if .State.Running}}up{{else}}down{{end}}  {{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}  {{with .A}}{{.B}}{{end}}
 *   {{.ID | upper}}  {{- .ID -}}  eq ne lt le gt ge and or not
 * A field that is not there is an error that names the nearest one. Lists print as [a b], objects as map[k:v].
 */
#ifndef MC_CLI_FORMAT_H
#define MC_CLI_FORMAT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* Renders one value by a template; appends to *out. \t and \n in the template are unescaped. */
int format_render(const char *template, const struct json *value, struct buf *out, struct mc_err *err);

/* The fields of {{.A.B}} and their headings for "table" output: { "ID", "CONTAINER ID" }. Ended by { NULL, NULL }. */
struct format_title {
	const char *field;
	const char *title; /* NULL: the field's name in capitals */
};

/*
 * Prints a list of objects as docker's ls commands do. format: what --format said; NULL or "table" mean
 * default_format, "json" prints one JSON object a line, "table TEMPLATE" prints aligned columns (separated by \t in the
 * template) under headings, any other template prints one line a row.
 *     format_list(v->format, "table {{.ID}}\t{{.Image}}", titles, rows, stdout, err);
 */
int format_list(const char *format, const char *default_format, const struct format_title *titles,
	const struct json *rows, FILE *out, struct mc_err *err);
/* Prints any list of values (inspect): format NULL prints one indented JSON array, "json" the same without blanks. */
int format_inspect(const char *format, const struct json *array, FILE *out, struct mc_err *err);

#endif
