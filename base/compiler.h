/* SPDX-License-Identifier: MPL-2.0
 *
 * The few compiler attributes that the code base uses, under readable names.
 * Nothing here hides control flow: no macro returns, jumps or declares a
 * variable of the caller.
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

/* The caller must look at the result. */
#define MUST_USE __attribute__((warn_unused_result))

/* Checks the arguments after `format_index` like printf's. */
#define PRINTF_LIKE(format_index, first_index) __attribute__((format(printf, format_index, first_index)))

/* CLEANUP(drop_x) on a local variable calls drop_x(&variable) when it leaves
 * scope; DEFINE_CLEANUP writes drop_x for a handle that `free_fn` releases. */
#define CLEANUP(drop_fn) __attribute__((cleanup(drop_fn)))
#define DEFINE_CLEANUP(name, type, free_fn)                                                                            \
    static inline void name(type *handle)                                                                              \
    {                                                                                                                  \
        if (*handle)                                                                                                   \
            free_fn(*handle);                                                                                          \
    }

/* Built with the address sanitizer, which takes memory and time of its own and looks at its own process. gcc and
 * clang say so in different ways. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
