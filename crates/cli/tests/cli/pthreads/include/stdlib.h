// What `program.c` needs of the standard library.
#pragma once
#include <stddef.h>

// Memory that is never freed.
void *malloc(size_t size);
_Noreturn void exit(int status);
int atoi(const char *text);
