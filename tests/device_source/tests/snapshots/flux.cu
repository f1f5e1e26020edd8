#define OP2_FUNCTION static __device__
#define OP2_CONSTANT const
typedef long long i64;
typedef unsigned long long u64;
typedef double f64;
typedef float f32;
typedef int i32;
typedef unsigned int u32;
typedef unsigned char u8;
typedef u64 usize;
typedef u8 boolean;

typedef struct { f64 v[2]; } f64_2;
typedef char op2_size_of_f64_2[(sizeof(f64_2) == 16) ? 1 : -1];
typedef struct { f64 v[4]; } f64_4;
typedef char op2_size_of_f64_4[(sizeof(f64_4) == 32) ? 1 : -1];

#line 24 "tests/device_source/src/language.rs"
OP2_FUNCTION void op2_kernel_flux(const f64_2 *x1_0, const f64_2 *x2_1, const f64_4 *q_2, f64_4 *res_3, OP2_CONSTANT u8 *constants)
{
const f64 GAM_c0 = *(OP2_CONSTANT f64 *)(constants + 0);
#line 26 "tests/device_source/src/language.rs"
f64 dx_4 = (x1_0->v[0] - x2_1->v[0]);
#line 27 "tests/device_source/src/language.rs"
f64 dy_5 = (x1_0->v[1] - x2_1->v[1]);
#line 28 "tests/device_source/src/language.rs"
f64 ri_6 = (1.0 / q_2->v[0]);
#line 29 "tests/device_source/src/language.rs"
f64 p_7 = ((GAM_c0 - 1.0) * (q_2->v[3] - ((0.5 * ri_6) * ((q_2->v[1] * q_2->v[1]) + (q_2->v[2] * q_2->v[2])))));
#line 30 "tests/device_source/src/language.rs"
f64 vol_8 = (ri_6 * ((q_2->v[1] * dy_5) - (q_2->v[2] * dx_4)));
#line 31 "tests/device_source/src/language.rs"
res_3->v[0] = (res_3->v[0] + (vol_8 * q_2->v[0]));
#line 32 "tests/device_source/src/language.rs"
res_3->v[1] = (res_3->v[1] + ((vol_8 * q_2->v[1]) + (p_7 * dy_5)));
#line 33 "tests/device_source/src/language.rs"
res_3->v[3] = (res_3->v[3] - (vol_8 * (q_2->v[3] + p_7)));
}

#line 1 "op2"
