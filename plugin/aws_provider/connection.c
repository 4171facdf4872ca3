/* SPDX-License-Identifier: MPL-2.0
 *
 * The costly part of a configuration: transport, credential cache, client.
 */
#include "plugin/aws_provider/configuration.h"

static bool connect_locked(struct aws_configuration *configuration, struct err *err)
{
    if (configuration->client)
        return true;
    if (!configuration->transport) {
        if (!http_curl_new(&configuration->http_options, &configuration->http, err))
            return false;
        configuration->transport = http_curl_transport(configuration->http);
    }
    if (!configuration->credentials) {
        struct aws_credentials_source source;
        configuration_open_doors(configuration);
        if (!configuration_credentials(configuration, &source, err))
            return false;
        configuration->credentials = aws_credentials_cache_new(source, &configuration->clock);
    }
    const struct aws_client_options options = configuration_client_options(configuration, configuration->credentials);
    return aws_client_new(&options, &configuration->client, err);
}

bool configuration_connect(struct aws_configuration *configuration, struct err *err)
{
    pthread_mutex_lock(&configuration->connecting);
    const bool is_connected = connect_locked(configuration, err);
    pthread_mutex_unlock(&configuration->connecting);
    return is_connected;
}

void configuration_disconnect(struct aws_configuration *configuration)
{
    aws_client_free(configuration->client);
    if (configuration->credentials)
        aws_credentials_cache_free(configuration->credentials);
    http_curl_free(configuration->http);
    configuration->client = NULL;
    configuration->credentials = NULL;
    configuration->http = NULL;
}
