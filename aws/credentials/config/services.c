/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/services.h"

#include "aws/credentials/config/opened.h"

/* `out_file`: where it is. An empty value is none. */
static const struct aws_config_property *find_for_service(const struct aws_profile_files *files, struct str services,
                                                          const char *service, const char *key,
                                                          const struct file **out_file)
{
    const struct aws_config_property *found = NULL;
    for (size_t i = 0; i < files->count; i++)
        for (const struct aws_config_section *section = files->files[i].sections.first; section;
             section = section->next) {
            if (!aws_config_is_named(section, AWS_CONFIG_SERVICES, services))
                continue;
            const struct aws_config_property *block = aws_config_last_property(section->properties, service);
            const struct aws_config_property *property = block ? aws_config_last_property(block->children, key) : NULL;
            if (!property || str_is_empty(property->value))
                continue;
            *out_file = &files->files[i];
            found = property;
        }
    return found;
}

bool aws_profile_services_get(const struct aws_profile_files *files, struct str services, const char *service,
                              const char *key, struct str *out)
{
    const struct file *file;
    const struct aws_config_property *property = find_for_service(files, services, service, key, &file);
    if (property)
        *out = property->value;
    return property != NULL;
}

struct str aws_profile_services_where(const struct aws_profile_files *files, struct arena *arena, struct str services,
                                      const char *service, const char *key)
{
    const struct file *file;
    const struct aws_config_property *property = find_for_service(files, services, service, key, &file);
    return property ? aws_profile_place(arena, file, property->line) : STR("");
}
