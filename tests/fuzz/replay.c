/* SPDX-License-Identifier: MPL-2.0
 *
 * Runs a fuzz target over the files of the folders given, without a fuzzer: each
 * corpus is an ordinary test.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tests/fuzz/target.h"

enum { INPUT_MAX_BYTES = 16 * 1024 * 1024 };

static bool replay_file(const char *folder, const char *name, struct err *err)
{
    struct file_reader reader = file_reader_real();
    struct arena *arena = arena_new();
    struct str input;
    struct str path = str_format(arena, "%s/%s", folder, name);
    bool is_done = file_read(&reader, arena, path, INPUT_MAX_BYTES, &input, err);
    if (is_done)
        (void)LLVMFuzzerTestOneInput((const uint8_t *)input.ptr, input.len);
    arena_free(arena);
    return is_done;
}

static int replay_folder(const char *folder)
{
    struct dirent **entries;
    int failures = 0;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        if (entries[i]->d_name[0] != '.' && !replay_file(folder, entries[i]->d_name, &err)) {
            (void)fprintf(stderr, "%s\n", err_text(&err));
            failures++;
        }
        mem_free(entries[i]);
    }
    if (count > 0)
        mem_free(entries);
    (void)fprintf(stderr, "%s: %d inputs\n", folder, count > 2 ? count - 2 : 0);
    return count <= 2 ? 1 : failures; /* a corpus that is not there is no success */
}

int main(int argc, char **argv)
{
    int failures = argc < 2;
    for (int i = 1; i < argc; i++)
        failures += replay_folder(argv[i]);
    return failures != 0;
}
