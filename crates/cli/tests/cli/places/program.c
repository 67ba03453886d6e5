// A program with debug information. `ci/places.sh --write` makes program.c.wasm of it.

static inline __attribute__((always_inline)) int quotient(int a, int b) {
    return a / b; // quotient
}

__attribute__((noinline)) static int share(const int *amounts, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += amounts[i];
    }
    return quotient(sum, count); // share
}

__attribute__((export_name("run"))) int run(int count) {
    int amounts[4] = {3, 5, 8, count};
    return 1 +
           share(amounts, count); // run
}
