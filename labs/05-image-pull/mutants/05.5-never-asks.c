/* mutant 05.5 M-PULL-LATEST: a name that is there is not asked for again */
int image_pull(const struct image_name *n, int store, struct mc_err *err)
{
	struct json *index = NULL;
	char *full = image_name_full(n);

	if (store_read_index(store, &index, err) == 0) {
		const struct json *list = json_member(index, "manifests");
		for (size_t i = 0; i < json_len(list); i++)
			if (str_eq(json_text_of(json_member(
					   json_member(json_item(list, i), "annotations"), ANNOTATION_NAME)),
				    full))
				return 0;
	}
	return TODO(05.5, image_pull, n, store, err);
}
