/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

typedef struct pair { /* refused */
    int left;
} pair;

static int counter; /* refused */
static const int limit = 3;
static struct source *last; /* refused */
static _Thread_local int error; /* refused */

#if 0 /* refused */
#endif

static void copies(char *out, const char *in)
{
    strcpy(out, in);     /* refused */
    sprintf(out, "x");   /* refused */
    (void)strerror(3);   /* refused */
    (void)localtime(0);  /* refused */
    (void)rand();        /* refused */
    system("strcpy(");   /* refused */
    setenv("A", "b", 1); /* refused */
    goto end;            /* refused */
end:
    /* A strcpy(out, in) in a comment, and "goto" in a text, are none. */
    /* TODO finish */ /* refused */
    /* as aws.md 12 says */ /* refused */
    return;
}

static void waits(struct source *source)
{
    static int calls; /* refused */
    char *copy = malloc(3); /* refused */
    free(copy);             /* refused */
    source->free(source);
    source.time(source);
    (void)time(NULL);      /* refused */
    nanosleep(NULL, NULL); /* refused */
    (void)getenv("HOME");  /* refused */
    printf("x");           /* refused */
    fflush(stdout);        /* refused */
    if (memcmp(source->secret, "x", 1) == 0) /* refused */
        return;
    /* lint: allow(heap) because the sample shows how an exception looks */
    free(copy);
    show("%.*s", STR_ARG(tail(text)));          /* refused */
    show("%.*s %.*s", STR_ARG(text), STR_ARG(    /* refused */
                                         (text), tail(text)));
    show("%.*s", STR_ARG(list->items[last++])); /* refused */
    show("%.*s", STR_ARG(list->items[last]));
    // the other kind of comment        /* refused */
	int tab; /* refused */
}
