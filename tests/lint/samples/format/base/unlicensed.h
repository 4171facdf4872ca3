#define UNLICENSED /* refused */
