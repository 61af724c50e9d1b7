. "$(dirname "$0")/../lib.sh"
serve
keep git "$LAB_STATE/repository"
mkdir -p "$LAB_STATE/repository" && (
	cd "$LAB_STATE/repository" && git init -q . && git config user.name learner && git config user.email learner@example.org
	printf 'FROM busybox\nCOPY shop.c /src/\nRUN cc -o /bin/shop /src/shop.c\n' >Dockerfile; echo 'int main(void) { return 0; }' >shop.c
	git add . && git commit -q -m "$(word note): the shop opens"
) >/dev/null || exit 1
minictr run --name ex-make busybox sh -c "cp /bin/busybox /bin/$(word program)" && minictr commit ex-make "$(at)/team/shop:1" >/dev/null && minictr push -q "$(at)/team/shop:1" >/dev/null
minictr rm ex-make >/dev/null; minictr rmi "$(at)/team/shop:1" >/dev/null
