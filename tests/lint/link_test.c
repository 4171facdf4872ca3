/* SPDX-License-Identifier: MPL-2.0
 *
 * The program that each library is linked into with all its objects and only its
 * declared libraries: a call against the arrows is an undefined reference.
 */
int main(void)
{
    return 0;
}
